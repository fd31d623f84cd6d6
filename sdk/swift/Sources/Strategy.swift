// The author's helper.
