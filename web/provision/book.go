package provision

// Entry is one of a phone book.
type Entry struct {
	Name    string
	Numbers []string
}

func entries(book []Entry, of func(Entry) element) (list []element) {
	for _, e := range book {
		list = append(list, of(e))
	}
	return list
}

// bookOfYealink is a remote phone book of Yealink's phones, which Fanvil's read, too.
func bookOfYealink(book []Entry) []byte {
	return around("YealinkIPPhoneDirectory", entries(book, func(e Entry) element {
		inner := []element{leaf("Name", plain(e.Name))}
		for _, n := range e.Numbers {
			inner = append(inner, leaf("Telephone", plain(n)))
		}
		return around("DirectoryEntry", inner...)
	})...).file()
}

func bookOfSnom(book []Entry) []byte {
	return around("SnomIPPhoneDirectory", single(book, "DirectoryEntry", "Name", "Telephone")...).file()
}

func bookOfCisco(book []Entry) []byte {
	return around("CiscoIPPhoneDirectory", single(book, "DirectoryEntry", "Name", "Telephone")...).file()
}

// bookOfGrandstream is a phone book of Grandstream's phones.
func bookOfGrandstream(book []Entry) []byte {
	return around("AddressBook", entries(book, func(e Entry) element {
		inner := []element{leaf("FirstName", plain(e.Name))}
		for _, n := range e.Numbers {
			inner = append(inner, around("Phone", leaf("phonenumber", plain(n)), leaf("accountindex", "0")))
		}
		return around("Contact", inner...)
	})...).file()
}

// bookOfPoly is a contact directory of Poly's phones: an item for each number.
func bookOfPoly(book []Entry) []byte {
	return around("directory", around("item_list", single(book, "item", "fn", "ct")...)).file()
}

// single is a book of which an entry has one number.
func single(book []Entry, entry, name, number string) (list []element) {
	for _, e := range book {
		for _, n := range e.Numbers {
			list = append(list, around(entry, leaf(name, plain(e.Name)), leaf(number, plain(n))))
		}
	}
	return list
}
