"""What the configuration of a site generator says about its documents."""
