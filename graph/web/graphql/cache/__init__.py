"""The response cache, and how clients revalidate what it holds."""
