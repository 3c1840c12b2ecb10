"""The operations of Custom Labels, one function each."""
