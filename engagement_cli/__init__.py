"""engagement-cli: how engaged are our customers? One report from exports of events, surveys and subscriptions."""

__version__ = "0.1.0"
