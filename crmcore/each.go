package crmcore

import "sync"

// atOnce is how many of several things are looked at together: the database has so many places for them.
const atOnce = 4

// forEach calls do for each of n.
func forEach(n int, do func(i int)) {
	var wg sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for i := range n {
		places <- struct{}{}
		wg.Go(func() { do(i); <-places })
	}
	wg.Wait()
}
