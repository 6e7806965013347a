"""What people do in Slack goes through the one command bus; what they get back is an answer in plain words.

``door`` stands where Slack posts and has three seconds; ``worker`` is behind the queue. The one never loads the other.
"""
