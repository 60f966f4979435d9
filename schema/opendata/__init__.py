"""The room of the open-data schema (graphene): everything public, read-only. Nothing is in it yet."""
