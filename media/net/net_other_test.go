//go:build !linux

package net

import "testing"

func networks() map[string]func() Network { return map[string]func() Network{"plain": New} }

func descriptors(*testing.T) int { return 0 }
