"""The pages of classes: who stands where, who moved, who leaves, who fell, whom to win back, and segments."""
