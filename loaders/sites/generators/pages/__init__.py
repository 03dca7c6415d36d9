"""The pages of a site, and their addresses, as its generator forms them."""
