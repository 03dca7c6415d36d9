"""Tests of live results."""
