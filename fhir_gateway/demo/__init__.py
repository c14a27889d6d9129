"""The demonstration: invented people, clients with keys of their own, and one command that serves them.

Source: design section 7; domain.md 6.8.
"""
