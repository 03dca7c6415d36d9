"""Read the sites of generators whose configuration is a program, which is not executed."""
