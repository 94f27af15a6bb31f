package main

import "slices"

// climb is the order of files, from the top down, which the heuristic of Eades, Lin and Smyth (1993) finds and moving
// single files no longer betters.
func climb(files []string, uses arrows) []string {
	order := eades(files, uses)
	for better := true; better; {
		better = false
		for _, file := range files {
			if moved := settle(order, file, uses); moved != nil {
				order, better = moved, true
			}
		}
	}
	return order
}

// eades takes users first and what is used last; of what is left, the file that uses most and is used least.
func eades(files []string, uses arrows) []string {
	left := slices.Clone(files)
	var first, last []string
	degree := func(file string) (out, in int) {
		for _, other := range left {
			if uses.has(file, other) {
				out++
			}
			if uses.has(other, file) {
				in++
			}
		}
		return out, in
	}
	for len(left) > 0 {
		best, most := 0, -len(files)*2
		for i, file := range left {
			out, in := degree(file)
			if out == 0 {
				best, most = i, len(files)*3
				break
			}
			if in == 0 {
				best, most = i, len(files)*2
				continue
			}
			if out-in > most {
				best, most = i, out-in
			}
		}
		if most == len(files)*3 {
			last = append(last, left[best])
		} else {
			first = append(first, left[best])
		}
		left = slices.Delete(left, best, best+1)
	}
	slices.Reverse(last)
	return append(first, last...)
}

// settle moves a file to where the fewest arrows go up; nil when it stands there.
func settle(order []string, file string, uses arrows) []string {
	now := against(order, uses)
	without := slices.DeleteFunc(slices.Clone(order), func(f string) bool { return f == file })
	var best []string
	for i := range order {
		tried := slices.Insert(slices.Clone(without), i, file)
		if n := against(tried, uses); n < now {
			best, now = tried, n
		}
	}
	return best
}

// against counts the arrows that go up in an order, from the top down.
func against(order []string, uses arrows) (n int) {
	for i, file := range order {
		for _, above := range order[:i] {
			if uses.has(file, above) {
				n++
			}
		}
	}
	return n
}
