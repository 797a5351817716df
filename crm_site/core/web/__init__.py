"""What stands between the network and every page: ids, headers, sizes, limits, and answers to what goes wrong."""
