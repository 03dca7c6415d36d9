"""The views of the reader, as the server makes them: see graph/reader/views."""
