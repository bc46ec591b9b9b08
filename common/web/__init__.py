"""The edge: what every app.py shares to parse a request, know its caller and present an answer."""
