"""What documents contain, as pages may show it: bodies, links, pictures and dates."""
