"""The pages of the desk's figures: indicators with their lists, targets, and the two sheets of repair revisits."""
