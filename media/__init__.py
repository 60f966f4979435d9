"""The room of bytes: uploads, variants, storage; the only one that may import boto3."""
