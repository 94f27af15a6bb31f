package sheet

import "bytes"

// Read tells by its beginning what a file is, and reads it.
func Read(data []byte) (s Sheet, err error) {
	head := bytes.TrimPrefix(data[:min(len(data), 64)], []byte("\xef\xbb\xbf"))
	head = bytes.ToUpper(bytes.TrimLeft(head, " \r\n\t"))
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		s, err = readXLSX(data)
	case bytes.HasPrefix(head, []byte("BEGIN:VCARD")):
		s, err = readCards(data)
	default:
		s, err = readCSV(data)
	}
	if err == nil && len(s.Lines) == 0 {
		err = ErrEmpty
	}
	return s, err
}
