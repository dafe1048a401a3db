"""PostgreSQL and Valkey (or Redis) started by us: throw-away for the tests, durable for the demo.

Standard library only, for the code that prepares a machine imports it before anything is installed. Where
`DATABASE_URL` or `REDIS_URL` is set, that server is used instead and left alone.
"""
