"""A private mongod for users without a MongoDB server."""
