package sfu

import (
	"cmp"
	"slices"
)

// offered is a simulcast layer as it comes from its sender.
type offered struct {
	live   bool
	height int     // 0: not known yet
	rate   float64 // bit/s
}

// tile is a picture that a browser shows.
type tile struct {
	height int // on its screen; 0: not known
	now    int // layer it gets
	layers []offered
}

// headroom is what must be left over before a picture gets better: else it would go to and fro.
const headroom = 1.2

// allot chooses a layer for each tile so that all fit into budget, bit/s: everybody is seen, and the largest tiles
// best. -1: nothing comes.
func allot(budget float64, tiles []tile) []int {
	chosen := make([]int, len(tiles))
	order := make([]int, len(tiles))
	for i, t := range tiles {
		order[i], chosen[i] = i, t.next(-1)
		if chosen[i] >= 0 {
			budget -= t.layers[chosen[i]].rate
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(tiles[b].wants(), tiles[a].wants()) })
	for better := true; better; {
		better = false
		for _, i := range order {
			cost, up := tiles[i].upgrade(chosen[i])
			if up >= 0 && cost <= budget {
				budget -= tiles[i].layers[up].rate - tiles[i].layers[chosen[i]].rate
				chosen[i], better = up, true
			}
		}
	}
	return chosen
}

// next is the next larger layer that comes; -1: there is none.
func (t tile) next(after int) int {
	for i := after + 1; i < len(t.layers); i++ {
		if t.layers[i].live {
			return i
		}
	}
	return -1
}

const unknownTile = 1 << 16 // a tile of unknown size gets the best there is

func (t tile) wants() int {
	if t.height == 0 {
		return unknownTile
	}
	return t.height
}

// upgrade is the layer after chosen, if it is of use, and what must be free for it.
func (t tile) upgrade(chosen int) (cost float64, up int) {
	up = t.next(chosen)
	if chosen < 0 || up < 0 {
		return 0, -1
	}
	if has := t.layers[chosen].height; has > 0 && has*4 >= t.wants()*3 { // a quarter more pixels is not seen
		return 0, -1
	}
	cost = t.layers[up].rate - t.layers[chosen].rate
	if up > t.now {
		cost = t.layers[up].rate*headroom - t.layers[chosen].rate
	}
	return cost, up
}
