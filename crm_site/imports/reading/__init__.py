"""A file becomes rows: the child that opens it, the reader that listens to it, the finder of its header."""
