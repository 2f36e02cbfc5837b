// Dispatching
