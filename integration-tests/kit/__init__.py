"""What the tests need: the stack, an HTTP client, an RPC client."""
