"""The outside providers, played on loopback: each speaks its vendor's protocol and keeps a journal of what it accepted.

The demo runs them as one process (`python -m demo.fakes`); tests run them in a thread (`tests.support.fakes`). They know nothing of
the product.
"""
