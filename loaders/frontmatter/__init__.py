"""From the text of a file to its front matter, as a tree."""
