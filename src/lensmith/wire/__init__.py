"""The AWS protocol as data: parse, validate, sign, page. Knows no project."""
