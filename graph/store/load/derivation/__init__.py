"""Write articles and taxonomy, and compute the derived collections."""
