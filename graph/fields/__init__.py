"""The declaration of every stored field: loader, schema and indexes derive from it.

`NotRequired` means that the key is missing where the file does not have it; `| None` that the file
may say null. Keys that are not declared stay where they are inside a nested object, and move below
`extra` at the top.
"""
