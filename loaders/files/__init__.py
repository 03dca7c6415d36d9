"""From paths to the bytes of the files that hold documents."""
