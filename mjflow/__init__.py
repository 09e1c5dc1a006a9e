"""An asyncio client and task engine for the midjourney-proxy family of HTTP APIs."""
