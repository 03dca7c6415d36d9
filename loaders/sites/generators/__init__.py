"""Read the configuration of site generators."""
