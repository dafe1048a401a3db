"""The one way out over HTTP: to the address that was checked, without redirects, proxies of the environment, or endless answers."""

from core.outbound.client import AddressRefused, Lost, Outbound, Reply, Unsent

__all__ = ["AddressRefused", "Lost", "Outbound", "Reply", "Unsent"]
