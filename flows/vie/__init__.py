"""The life of a campaign, once it is published: remembered, compared, explained, explored, sent, gathered."""
