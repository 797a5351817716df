"""One person's data in every room: duplicates and merges, exports, requests, restriction, anonymisation, expiry."""
