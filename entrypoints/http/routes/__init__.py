"""Routes: one file a resource. A handler turns a request into a command, tells a story, and shows what came of it."""
