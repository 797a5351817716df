"""What the pages of imports show; reads only."""
