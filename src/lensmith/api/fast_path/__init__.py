"""Shortcuts that exist for measured reasons alone (decision 0010); all else works without them.

`router`: calls of AWS pass Starlette's routes by. `http_protocol` and `large_body`: a large body
passes uvicorn's parser by. `whole_replies`: a reply is one write. `large_blob`: a large image
passes the JSON parser by. Without the first three (`create_app(fast_path=False)`, uvicorn's own
protocol) every reply is the same, as tests/api/fast_path/test_same_reply.py shows; the last needs
a body that came past the parser.
"""
