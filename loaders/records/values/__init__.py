"""The values of fields: scalars and dates."""
