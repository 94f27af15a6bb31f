package imapd

import "frontdesk/mail"

// kept reads what is kept of messages of the open folder: nil of those that are gone.
func (s *session) kept(list []picked, want mail.Kept) ([]*mail.Stored, error) {
	folder, uids := s.view.folder.ID, uidsOf(list)
	found := s.core.memory.find(folder, uids, want)
	var missing []uint32
	for i, uid := range uids {
		if found[i] == nil {
			missing = append(missing, uid)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	rows, err := s.core.box.WithKept(s.ctx, folder, missing, want)
	for i := range rows {
		s.core.memory.learn(folder, &rows[i])
	}
	return placed(found, uids, rows), err
}

// placed puts rows where their UIDs stand.
func placed(found []*mail.Stored, uids []uint32, rows []mail.Stored) []*mail.Stored {
	byUID := make(map[uint32]*mail.Stored, len(rows))
	for i := range rows {
		byUID[rows[i].UID] = &rows[i]
	}
	for i, uid := range uids {
		if found[i] == nil {
			found[i] = byUID[uid]
		}
	}
	return found
}
