"""The services that customers call, as they are usually written: on FastAPI, SQLAlchemy, Mangum and boto3.

The same routes, stores and calls of AWS as the shop's; the bodies are short, since what is measured is what
it costs to import them. Clients and engines are made on first use, which is kinder than most code is.
"""
