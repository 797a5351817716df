"""Every change of an import, by what a person decides: bringing and writing, answering, undoing."""
