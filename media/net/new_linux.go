package net

// New is the network of this system.
func New() Network { return &readers{} }
