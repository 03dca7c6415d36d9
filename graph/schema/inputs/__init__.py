"""Arguments: filters, orders and what they mean to the store."""
