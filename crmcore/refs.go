package crmcore

// first are the first n of all, or fewer.
func first[T any](n int, all []T) []T { return all[:min(len(all), n)] }
