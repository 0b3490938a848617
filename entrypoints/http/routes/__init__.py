"""Routes: one file a resource. A handler turns a request into a command, and shows what came of it."""
