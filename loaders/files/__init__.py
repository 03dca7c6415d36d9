"""Find the files of documents, and read them."""
