"""Exact JSON documents, lenses, mappings, queries and the shape judge: the lowest layer."""
