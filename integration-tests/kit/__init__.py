"""What the stories need to be told: the stack, an HTTP client, an RPC client."""
