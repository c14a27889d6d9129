"""The personal health budget itself: arithmetic, rules, the case, statement. Values in, values out.

Dates are arguments, money is integer pence; facts about other records come through a `CaseFile`.

Source: domain.md sections 2 to 7; design decisions 5 and 6.
"""
