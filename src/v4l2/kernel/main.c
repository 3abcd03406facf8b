// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/daedalus-v4l2: a daemon creates a V4L2 stateless decoder with it and
 * accepts its clients' streams.
 */
#include <linux/anon_inodes.h>
#include <linux/dma-mapping.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include "daedalus.h"

/* The parent of the nodes and of all buffers. */
static struct platform_device *platform;
static DEFINE_MUTEX(create_lock);

static bool size_is_valid(u32 size)
{
	return size && size <= DAEDALUS_V4L2_MAX_SIZE && !(size % DAEDALUS_V4L2_SIZE_STEP);
}

static bool codec_is_valid(const struct daedalus_v4l2_codec *codec)
{
	const u32 flags =
		DAEDALUS_V4L2_10_BIT | DAEDALUS_V4L2_INTERLACED | DAEDALUS_V4L2_MONOCHROME;

	return !memchr_inv(codec, 0, sizeof(*codec)) ||
	       (!(codec->flags & ~flags) && size_is_valid(codec->max_width) &&
		size_is_valid(codec->max_height));
}

static bool create_is_valid(const struct daedalus_v4l2_create *create)
{
	unsigned int i;

	for (i = 0; i < DAEDALUS_V4L2_CODECS; i++)
		if (!codec_is_valid(&create->codecs[i]))
			return false;
	return create->size == sizeof(*create) && create->version == DAEDALUS_V4L2_VERSION &&
	       !create->video && memchr_inv(create->codecs, 0, sizeof(create->codecs));
}

static long create_device(struct file *file, struct daedalus_v4l2_create __user *argument)
{
	struct daedalus_v4l2_create create;
	struct daedalus_device *dev;

	if (copy_from_user(&create, argument, sizeof(create)))
		return -EFAULT;
	if (!create_is_valid(&create))
		return -EINVAL;
	guard(mutex)(&create_lock);
	if (file->private_data)
		return -EBUSY;
	dev = daedalus_device_create(&platform->dev, &create);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	file->private_data = dev;
	create.video = dev->vdev.num;
	/* On failure the device stays registered: the daemon owns it anyway. */
	return copy_to_user(argument, &create, sizeof(create)) ? -EFAULT : 0;
}

static long accept_stream(struct daedalus_device *dev)
{
	struct daedalus_stream *s = daedalus_device_take_waiting(dev);
	int fd;

	if (!s)
		return -EAGAIN;
	fd = anon_inode_getfd("[daedalus-v4l2]", &daedalus_stream_fops, s, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		daedalus_stream_fail(s);
		daedalus_stream_put(s);
	}
	return fd;
}

static int control_open(struct inode *inode, struct file *file)
{
	file->private_data = NULL; /* set by misc_open; CREATE replaces it */
	return nonseekable_open(inode, file);
}

static struct daedalus_device *device_of(struct file *file)
{
	guard(mutex)(&create_lock);
	return file->private_data;
}

static long control_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	if (command == DAEDALUS_V4L2_CREATE)
		return create_device(file, (void __user *)argument);
	if (command != DAEDALUS_V4L2_ACCEPT)
		return -ENOTTY;
	if (!device_of(file))
		return -ENODEV;
	return accept_stream(device_of(file));
}

static __poll_t control_poll(struct file *file, poll_table *wait)
{
	struct daedalus_device *dev = device_of(file);

	if (!dev)
		return EPOLLERR;
	poll_wait(file, &dev->wait, wait);
	guard(mutex)(&dev->lock);
	return list_empty(&dev->waiting) ? 0 : EPOLLIN | EPOLLRDNORM;
}

static int control_release(struct inode *inode, struct file *file)
{
	if (file->private_data)
		daedalus_device_destroy(file->private_data);
	return 0;
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.open = control_open,
	.unlocked_ioctl = control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = control_poll,
	.release = control_release,
};

static struct miscdevice control = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "daedalus-v4l2",
	.fops = &control_fops,
	.mode = 0600,
};

static int __init daedalus_init(void)
{
	int ret;

	platform = platform_device_register_simple("daedalus-v4l2", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(platform))
		return PTR_ERR(platform);
	/* With a 32-bit mask pages would bounce. */
	ret = dma_coerce_mask_and_coherent(&platform->dev, DMA_BIT_MASK(64));
	if (!ret)
		ret = misc_register(&control);
	if (ret)
		platform_device_unregister(platform);
	return ret;
}

static void __exit daedalus_exit(void)
{
	misc_deregister(&control);
	platform_device_unregister(platform);
}

module_init(daedalus_init);
module_exit(daedalus_exit);

MODULE_DESCRIPTION("V4L2 stateless decoder that a daemon implements");
MODULE_AUTHOR("daedalus maintainers");
MODULE_LICENSE("GPL");
DAEDALUS_IMPORT_NS_DMA_BUF();
